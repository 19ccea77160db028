"""The page of the format says what the code does: its configuration, its sentences, its table of classes."""

import re
import tomllib
from pathlib import Path

import msgspec

from lowsky.model.kinds import Kind
from lowsky.wire.sapient.messages import SapientMessage
from lowsky.wire.sapient.options import SapientOptions
from lowsky.wire.sapient.taxonomy import PATHS
from lowsky.wire.sapient.validate import faults_of, sentences
from tests.wire.sapient.mutations import whole_messages

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "formats" / "sapient.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_options_are_those_that_a_source_takes() -> None:
    (source,) = tomllib.loads(blocks("toml")[0])["sources"]
    own = {name: value for name, value in source.items() if name not in ("name", "kind", "via")}
    assert msgspec.convert(own, SapientOptions).sensors
    table = PAGE.split("| option | what |")[1].split("\n\n")[0]
    told = set(re.findall(r"`(\w+)`", " ".join(line.split("|")[1] for line in table.splitlines()[2:])))
    assert told <= {field.name for field in msgspec.structs.fields(SapientOptions)}
    assert {"rules", "errors", "magnetic_variation_deg", "platform_heading_deg"} <= told


def test_the_sentences_are_those_that_are_told() -> None:
    whole = dict(whole_messages())
    alert, status, registration, detection = (
        whole[name]
        for name in ("alert with Alert.location", "status_report with LocationOrRangeBearing.location_list",
                     "registration", "detection_report")
    )  # fmt: skip
    alert.alert.location.ClearField("x")
    status.status_report.field_of_view.location_list.locations[0].datum = 0
    registration.registration.dependent_nodes.extend(["6acd78c1-fcc2-4368-b7ae-ff1aa318911c", "AAAA"])
    detection.detection_report.detection_confidence = 1.2
    found = [sentences(faults_of(message)) for message in (alert, status, registration, detection)]
    assert [[line] for line in blocks("text")[0].splitlines()] == found
    assert faults_of(SapientMessage())


def test_the_table_of_classes() -> None:
    table = PAGE.split("| kind | class |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    told = {Kind[kind.upper().replace(" ", "_")]: tuple(path.split(", ")) for kind, path in rows}
    assert told == PATHS
