"""The audit log: every event in a hash chain, its verification, and reports for the auditor."""
