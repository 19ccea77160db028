"""AIS: the identification of ships, as NMEA 0183 sentences (!AIVDM, !AIVDO)."""
