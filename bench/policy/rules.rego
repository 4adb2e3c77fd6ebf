package main

# Eleven of Skerry's rules, which other policy tools have too, in conftest's language.

import rego.v1

pod := input.spec if input.kind == "Pod"

pod := input.spec.template.spec if input.kind in {"Deployment", "StatefulSet", "DaemonSet", "Job"}

pod := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

containers := array.concat(object.get(pod, "initContainers", []), object.get(pod, "containers", []))

describe(container, message) := sprintf("%s %s: container %s %s", [input.kind, input.metadata.name, container.name, message])

deny contains describe(container, "names no version of its image") if {
	some container in containers
	not regex.match(`(:[^/@]+$)|(@sha256:[0-9a-f]{64}$)`, container.image)
}

deny contains describe(container, "runs the latest image") if {
	some container in containers
	endswith(container.image, ":latest")
}

deny contains describe(container, "requests no cpu") if {
	some container in containers
	not container.resources.requests.cpu
}

deny contains describe(container, "has no limit of memory") if {
	some container in containers
	not container.resources.limits.memory
}

deny contains describe(container, "is privileged") if {
	some container in containers
	container.securityContext.privileged
}

deny contains describe(container, "may gain rights") if {
	some container in containers
	not container.securityContext.allowPrivilegeEscalation == false
}

deny contains describe(container, "keeps capabilities") if {
	some container in containers
	not "ALL" in object.get(container, ["securityContext", "capabilities", "drop"], [])
}

deny contains describe(container, "may write its root") if {
	some container in containers
	not container.securityContext.readOnlyRootFilesystem
}

deny contains describe(container, "may run as root") if {
	some container in containers
	not container.securityContext.runAsNonRoot
	not pod.securityContext.runAsNonRoot
}

deny contains describe(container, "makes any system call") if {
	some container in containers
	not container.securityContext.seccompProfile
	not pod.securityContext.seccompProfile
}

deny contains sprintf("%s %s shares its node's network", [input.kind, input.metadata.name]) if pod.hostNetwork
