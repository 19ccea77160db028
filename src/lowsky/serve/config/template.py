"""What `lowsky init` writes: a site that works, with everything that can be set."""

from __future__ import annotations

TEMPLATE = """\
# A site of lowsky. `lowsky run site.toml` runs it; `lowsky run --check site.toml` only checks it.
# Degrees are WGS-84, heights are metres above the ellipsoid unless a name says otherwise.
# Paths are relative to this file.

[site]
id = "harbour"                # short, for files and messages
name = "Harbour"              # for people
language = "en"               # en or ko: of the map, until somebody chooses
units = "metric"              # metric or nautical
drill = false                 # true: everything is marked as exercise
zoom = 10.5                   # of the map when it opens
# qnh_hpa = 1013.2            # sea-level pressure of the area, for heights by pressure (ADS-B, radars)
# origin = { lat = 56.0, lon = 11.0 }    # of the region's frame; without it the middle of the sensors

# Sensors as their owners describe them. Only id, kind and place are needed; docs/tables.md tells the rest.
# kind: radar_3d, radar_2d, camera, cooperative (Remote ID, ADS-B, AIS), bearing (direction finder),
# acoustic, post (hears an engine and no more)
[[sensors]]
id = "radar-1"
kind = "radar_3d"
lat = 56.0
lon = 11.0
height_m = 52.0
period_s = 1.0                # time between looks
max_range_m = 8000.0
detection_probability = 0.9
sigma_range_m = 8.0
sigma_azimuth_deg = 0.4
sigma_elevation_deg = 0.6

# Protected places: what people are warned for. shape: point, polygon, corridor, vessel (by its AIS identity)
[[places]]
id = "terminal"
name = "Terminal"
shape = "point"
points = [[56.001, 11.004]]   # latitude, longitude
radius_m = 400
top_m = 1000

# Where reports come from. docs/connect.md connects a first sensor in five lines.
[[sources]]
kind = "jsonl"                # JSON lines: lowsky's own format for whoever has no other; docs/formats tells the others
name = "radar-1"
via = "udp://127.0.0.1:5300"  # where the bytes come from: datagrams to this port

# [[sources]]
# kind = "jsonl"
# name = "cameras"
# via = "tcp-listen://127.0.0.1:5301"   # they call us; tcp: we call them; also tls, serial, mqtt, http, file
# sensor = "radar-1"          # everything from this source is this sensor's

# [[sources]]
# kind = "table"              # a scenario folder, or a table described by a TOML, played as if it happened now
# name = "last-week"
# path = "last-week"
# repeat = true

# [[sources]]
# kind = "simulation"         # a scene of lowsky's own
# name = "practice"
# scene = "harbour"
# seed = 1

[server]
host = "127.0.0.1"            # this machine only; 0.0.0.0 for all networks, which needs accounts
port = 8420
log = "console"               # or json
# tls_certificate = "cert.pem"
# tls_key = "key.pem"

# [accounts]                  # who may log in: docs/security.md
# on = true                   # also on this machine only; on all other addresses they are always on

# [guard]
# hosts = ["sky.example.org"]       # names people reach this server by
# trusted_proxies = ["192.0.2.10"]  # whose forwarded headers are believed

[journal]
folder = "journal"            # everything that was received, for replay; also what a restart goes on from
keep_days = 30
keep_gb = 50

# Who is told when a place is in danger; docs/warnings-out.md tells the rest.
# [alerts]
# sender = "watch@harbour.example"   # unique in the world: a mail address or domain
# utc_offset = "+00:00"       # in which times are written

# [[receivers]]
# id = "tower"
# kind = "webhook"            # a signed POST for each change; or cap-file (with folder), feed
# url = "https://tower.example/alerts"
# secret_file = "tower.secret"
# level = "warning"           # from which on: watch, warning, imminent

# To whom the picture goes; docs/outputs.md tells the rest.
# [[outputs]]
# kind = "mqtt"               # or asterix, cot, geojson, sapient
# name = "hub"
# to = "mqtt://127.0.0.1:1883/lowsky/harbour"

# [rules]                     # of warning; docs/warnings.md tells what they do
# warning_horizon_s = 90

# [tracking]
# false_tracks_per_hour = 2   # on the whole site; fewer: what is faint is shown later. docs/tracking/faint.md

# [map]
# overlay = "piers.geojson"   # a layer of the site's own
"""
