"""ADS-B and Mode S: Beast, AVR, BaseStation lines and readsb's aircraft.json."""
