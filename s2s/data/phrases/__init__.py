"""The embedded corpus: expressions of the Common Locale Data Repository (CLDR), the same ones in two languages."""
