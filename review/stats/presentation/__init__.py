"""How results are shown: display scales, forest rows, sentences, names of measures."""
