"""Data silos: recursive training on what a verifier keeps, and what silos may tell each other.

Several silos hold slices of one world. A generator is trained on its own output, and in every
generation one silo, or all of them through messages, choose which candidates are kept. Nothing
here knows a formula for what happens then: it is drawn from raw points.

The rooms, each importing only those before it:

- `references`: what a silo holds, laws to draw it from, and the faults that are named;
- `splits`: one labelled data set dealt out to silos;
- `messages`: what may cross a silo's border, its size in bytes, and what it leaks;
- `transport`: scores by the duals of optimal transport, and maps;
- `context`, `local`, `schemes`, `rules`: the rules of selection;
- `training`: generations of training.
"""
