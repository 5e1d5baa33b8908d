"""What s2s is made of: locks with hashes, a bill of materials, an audit; `make lock sbom audit`."""
