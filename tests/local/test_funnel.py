from dataflow_ops.local.funnel import render


def step(task, rows_in, rows_out, **others):
    return {
        "task": task,
        "rows_in": rows_in,
        "made": 0,
        "dropped": {},
        "rejected": {},
        "rows_out": rows_out,
        "seconds": 1.25,
    } | others


def funnel(*steps):
    rejected = sum(sum(each["rejected"].values()) for each in steps)
    ends = {"rows_in": steps[0]["rows_in"], "rows_out": steps[-1]["rows_out"]}
    return {"dag": "text", "run": "r", **ends, "rejected": rejected, "steps": list(steps)}


def test_every_step_with_its_reasons_most_first():
    lines = render(
        funnel(
            step("clean", 20_000, 20_000),
            step(
                "good",
                20_000,
                12_500,
                dropped={
                    "words < 50": {"rows": 2_400, "examples": ["a"]},
                    "symbols > 0.1": 5_000,
                    "never": {"rows": 0},
                },
                rejected={"unreadable": 100},
            ),
            step("answered", 12_500, 25_000, made=12_500, seconds=61),
        )
    )
    assert lines == [
        "  step               rows in    made  dropped  rejected  rows out  seconds",
        "  clean               20,000                               20,000      1.2",
        "  good                20,000            7,400       100    12,500      1.2",
        "      symbols > 0.1                     5,000",
        "      words < 50                        2,400",
        "      unreadable                                    100",
        "  answered            12,500  12,500                       25,000     61.0",
        "  all                 20,000  12,500    7,400       100    25,000     63.5",
    ]


def test_many_reasons_are_summed_up():
    lines = render(funnel(step("good", 100, 55, dropped={f"reason {number}": number for number in range(10)})))
    shown = [line.split() for line in lines if "reason" in line or "more" in line]
    assert [line[-1] for line in shown] == ["9", "8", "7", "6", "5", "4", "3", "2", "1"]
    assert shown[-1] == ["1", "more", "1"]


def test_columns_are_aligned_whatever_the_names():
    lines = render(
        funnel(step("a", 1, 1), step("a_very_long_name_of_a_task", 1_000_000_000, 0, dropped={"x" * 60: 1_000_000_000}))
    )
    assert len({len(line) for line in lines if not line.startswith("      ")}) == 1


def test_a_run_without_steps_has_a_sum():
    empty = {"dag": "text", "run": "r", "rows_in": 0, "rows_out": 0, "rejected": 0, "steps": []}
    assert render(empty)[1].split() == ["all", "0", "0", "0.0"]
