"""What other systems read and write: FHIR R4."""
