"""Checks IAM policies with parliament. Reads a JSON object of policies by name, and prints a JSON list of findings."""

import json
import sys

from parliament import analyze_policy_string

policies = json.load(sys.stdin)
findings = []
for name, document in policies.items():
    for finding in analyze_policy_string(json.dumps(document)).findings:
        findings.append(f"{name}: {finding.issue}: {finding.detail}: {finding.location}")
print(json.dumps(findings))
