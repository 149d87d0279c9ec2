import sys

from dataflow_ops.local.terminal import Terminal, table


def test_table_aligns_names_to_the_left_and_numbers_to_the_right():
    assert table([("name", "n"), ("a", "100"), ("longer", "")], indent="") == ["name      n", "a       100", "longer"]
    assert table([]) == []


def test_stages_take_their_time(capsys):
    terminal = Terminal()
    with terminal.stage("working"):
        terminal.progress("half")
    assert [name for name, _ in terminal.stages] == ["working"]
    out = capsys.readouterr().out.splitlines()
    assert out == ["working …", "     0.0 s  half"]


def test_a_passing_line_is_for_people_only(capsys, monkeypatch):
    Terminal().now("passing")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    terminal = Terminal()
    terminal.now("passing")
    terminal.line("stays")
    assert capsys.readouterr().out == "passing\r\x1b[Kstays\n"


def test_errors_go_beside_the_output(capsys):
    Terminal().error("wrong")
    assert capsys.readouterr() == ("", "wrong\n")
