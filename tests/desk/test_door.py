from .conftest import NAMES, Browser


def test_who_is_not_logged_in_is_led_to_the_door_and_back(browser) -> None:
    nobody: Browser = browser()
    answer = nobody.get("/audit?before=9")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Faudit%3Fbefore%3D9")
    answer = nobody.log_in(NAMES["admin"], next="/audit?before=9")
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit?before=9")
    assert nobody.get("/audit").status_code == 200
