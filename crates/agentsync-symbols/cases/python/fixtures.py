import pytest


@pytest.fixture(scope="module")
def shelf():
    return []


class TestDesk:
    @pytest.fixture
    def full(self, shelf):
        return shelf + [1]

    def test_open(self, full):
        assert full
