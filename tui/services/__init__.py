"""Everything that is true without a screen: no Textual import anywhere below here."""
