"""Broadcast Remote ID of drones: ASTM F3411-22a and ASD-STAN EN 4709-002.

codes, layout, values   what the bytes of a message mean, on columns
checks, packs           what cannot be a message or a pack, and what is only noted
carriers                out of Wi-Fi beacons, Wi-Fi NAN and Bluetooth advertising
receivers, uasdata      out of what receivers write: JSON of several makers, CSV, hexadecimal
transmitters, decoder   messages of one aircraft put together, and made into reports
reader                  messages as people read them
encoder                 values to messages
"""
