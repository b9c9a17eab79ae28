"""The pages find what they show, in a checkout and in an installed package."""

from geo_service.api.desks import problems_file


def test_a_checkout_shows_the_problems_of_its_docs():
    assert problems_file().read_text(encoding="utf-8").startswith("# ")
    assert problems_file().parent.name == "docs"


def test_an_installed_package_shows_the_problems_it_carries(tmp_path):
    room = tmp_path / "site-packages" / "geo_service" / "api"
    room.mkdir(parents=True)
    (room / "problems.md").write_text("# carried\n", encoding="utf-8")
    assert problems_file(room).read_text(encoding="utf-8") == "# carried\n"
