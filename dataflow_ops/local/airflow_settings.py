"""The settings under which Airflow holds on one small machine with SQLite, each with its reason."""

import json
import os

from dataflow_ops.local.home import LOCALHOST, Home


def settings(home: Home) -> dict[str, dict[str, object]]:
    """Return Airflow's configuration for a set-up: section, option, value."""
    port = home.ports()["airflow"]
    return {
        "core": {
            "executor": "LocalExecutor",
            # More tasks at once only wait for each other: every task talks to one API server over one SQLite file.
            "parallelism": min(max(4, os.cpu_count() or 1), 8),
            "dags_folder": home.project / "dags",
            "load_examples": False,
            # The button that tries a connection: on one's own machine nobody can ask for what he may not see.
            "test_connection": "Enabled",
            "fernet_key": home.secret("fernet_key"),
            "simple_auth_manager_users": "admin:admin",
            "simple_auth_manager_passwords_file": home.root / "secrets" / "airflow_users.json",
            # A DAG file just written can be triggered at once, not after 30 s.
            "min_serialized_dag_update_interval": 0,
            # Task processes inherit what the scheduler has imported: 0.2 CPU seconds per task instead of 0.9.
            "mp_start_method": "fork",
            # For DAGs that ask for retries and do not say when: the default, 300 s, is for clusters.
            "default_task_retry_delay": 10,
            # The name without asking a name server: there may be none.
            "hostname_callable": "socket.gethostname",
            "execution_api_server_url": f"http://{LOCALHOST}:{port}/execution/",
        },
        "database": {
            # A writer waits for another one for up to a minute instead of failing with "database is locked" after 5 s.
            "sql_alchemy_conn": f"sqlite:///{home.airflow}/airflow.db?timeout=60",
            # Every waiting request of the API server holds a connection: with the default 15 it ran out of them.
            "sql_alchemy_pool_size": 20,
            "sql_alchemy_max_overflow": 40,
        },
        "workers": {
            # A task outlives a restart of the API server: with the defaults it gave up after 6 s.
            "execution_api_timeout": 60,
            "execution_api_retries": 30,
            "execution_api_retry_wait_max": 5,
            "max_failed_heartbeats": 12,
        },
        "scheduler": {
            # What a killed scheduler was running is taken up again after half a minute instead of five.
            "orphaned_tasks_check_interval": 15,
            "scheduler_health_check_threshold": 30,
            # A worker that was killed is missed after a minute instead of five. Not sooner: the API server, which takes
            # the heartbeats, needs that long to come back on a busy machine, and tasks at work would be started again.
            "task_instance_heartbeat_timeout": 60,
            "task_instance_heartbeat_timeout_detection_interval": 10,
        },
        "dag_processor": {
            "dag_bundle_config_list": json.dumps([_bundle(home)]),
            # A new or changed file shows up within seconds; files that did not change are not parsed all the time.
            "refresh_interval": 3,
            "bundle_refresh_check_interval": 1,
            "min_file_process_interval": 60,
            "parsing_processes": 1,
            "print_stats_interval": 0,
        },
        "api": {
            "host": LOCALHOST,
            "port": port,
            "base_url": f"http://localhost:{port}",
            "secret_key": home.secret("api_secret_key"),
            "workers": 1,
        },
        "api_auth": {"jwt_secret": home.secret("jwt_secret", size=64)},
        # A laptop that slept for an hour wakes up with tasks that may still speak.
        "execution_api": {"jwt_expiration_time": 86_400},
        "logging": {"base_log_folder": home.airflow / "logs", "colored_console_log": False, "namespace_levels": _QUIET},
        "usage_data_collection": {"enabled": False},
    }


# Lines written every few seconds for as long as the set-up runs.
_QUIET = "http.access=WARNING airflow.dag_processing.manager.DagFileProcessorManager=WARNING"


def _bundle(home: Home) -> dict[str, object]:
    return {
        "name": "dags-folder",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(home.project / "dags"), "refresh_interval": 3},
    }


def environment(home: Home) -> dict[str, str]:
    """Return the environment of every Airflow process: this one's, without another Airflow's settings, and ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    # Without .pyc files every Airflow process starts in 8 s instead of 3.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    own = {
        f"AIRFLOW__{section}__{option}".upper(): str(value)
        for section, options in settings(home).items()
        for option, value in options.items()
    }
    return {**kept, **own, **_around(home)}


def _around(home: Home) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home.airflow),
        "DATAFLOW_HOME": str(home.root),
        "TMPDIR": str(home.tmp),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), LOCALHOST, "localhost"])),
        # Tasks run side by side: each with a thread per core would fight over the cores.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # macOS ends a forked process that touches its Objective-C runtime, unless told not to.
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        "DO_NOT_TRACK": "1",
        "SCARF_ANALYTICS": "false",
    }
