from tests.tiny_models import tiny  # noqa: F401 - a fixture
