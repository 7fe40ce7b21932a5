"""Compare cases with a rival or partner without showing mail: which attack-side items do both hold?"""
