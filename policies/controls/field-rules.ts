/** The rules that check a field or a control, or the reason why none does. */
export type Coverage = readonly string[] | { readonly none: string };

const none = (reason: string): Coverage => ({ none: reason });
const cover = (type: string, fields: readonly string[], coverage: Coverage): Readonly<Record<string, Coverage>> =>
  Object.fromEntries(fields.map((field) => [`${type}.${field}`, coverage]));

const REFERENCE = none("Refers to a Secret and contains no secret itself.");
const INLINE_VOLUME: Coverage = ["volume-types"];
const OF_THE_VOLUME = none("Part of a volume type that volume-types forbids.");
const ADMINISTRATORS = none("Configured by an administrator. Pods can use it only through a claim.");
const CLAIMED = none(
  "Part of a PersistentVolume, which an administrator configures. Pods can use it only through a claim.",
);
const NOT_EPHEMERAL = none("The API server rejects it in an ephemeral container.");
const GROUPS = none("Groups have no privileges on a node, and the Pod Security Standards do not restrict them.");
const NO_RIGHTS = none("Grants no further privileges.");
const OWN_FILES = none("Contains data of the API server or of the pod, not of the node.");

const SECURITY_CONTEXT = [
  "apparmor-confined",
  "capabilities-dropped",
  "no-privilege-escalation",
  "no-privileged",
  "proc-masked",
  "read-only-root-filesystem",
  "run-as-non-root",
  "seccomp",
  "selinux-confined",
];

/** Network storage, as volume sources of a pod and of a PersistentVolume. */
const NETWORK_VOLUMES = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker"],
  ...["gcePersistentDisk", "glusterfs", "iscsi", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd"],
  ...["scaleIO", "storageos", "vsphereVolume"],
];

/** Coverage of every field that `findFields` returns, in all supported Kubernetes versions. A test fails for a missing field. */
export const FIELD_RULES: Readonly<Record<string, Coverage>> = {
  // Images.
  "Container.image": ["images-pinned"],
  "EphemeralContainer.image": ["images-pinned"],
  "ImageVolumeSource.reference": ["images-pinned"],
  "Volume.image": ["images-pinned"],
  "Container.imagePullPolicy": none("A pinned image is the same under every pull policy."),
  "EphemeralContainer.imagePullPolicy": none("A pinned image is the same under every pull policy."),
  "RBDVolumeSource.image": none("Names a block device, not a container image."),
  "RBDPersistentVolumeSource.image": none("Names a block device, not a container image."),

  // Probes and lifecycle handlers.
  ...cover("Container", ["livenessProbe", "readinessProbe"], ["no-handler-hosts", "probes"]),
  "Container.startupProbe": ["no-handler-hosts"],
  "Container.lifecycle": ["no-handler-hosts", "no-plain-secrets"],
  ...cover("EphemeralContainer", ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"], NOT_EPHEMERAL),
  ...cover("Lifecycle", ["postStart", "preStop"], ["no-handler-hosts"]),
  ...cover("LifecycleHandler", ["httpGet"], ["no-handler-hosts"]),
  "LifecycleHandler.tcpSocket": ["no-handler-hosts"],
  "LifecycleHandler.exec": ["no-plain-secrets"],
  "Probe.exec": ["no-plain-secrets"],
  ...cover("Probe", ["httpGet", "tcpSocket"], ["no-handler-hosts"]),
  "HTTPGetAction.host": ["no-handler-hosts"],
  "TCPSocketAction.host": ["no-handler-hosts"],

  // Accounts.
  "PodSpec.automountServiceAccountToken": ["no-default-account-token"],
  "PodSpec.serviceAccountName": ["service-accounts-exist"],
  "PodSpec.serviceAccount": ["service-accounts-exist"],
  "ServiceAccount.automountServiceAccountToken": ["no-default-account-token"],
  "VolumeProjection.serviceAccountToken": none(
    "A token of the pod's own account, limited to an audience and a lifetime.",
  ),
  "RoleBinding.subjects": none("A binding may refer to an account that does not exist yet."),
  "ClusterRoleBinding.subjects": none("A binding may refer to an account that does not exist yet."),
  "PolicyRulesWithSubjects.subjects": none("Selects the requests that a flow schema applies to. It grants nothing."),
  "Subject.serviceAccount": none("Selects the requests that a flow schema applies to. It grants nothing."),
  ...cover(
    "PodCertificateRequestSpec",
    ["serviceAccountName", "serviceAccountUID"],
    none("Only kubelets create these objects."),
  ),

  // Secrets.
  ...cover("Container", ["args", "command", "env"], ["no-plain-secrets"]),
  ...cover("EphemeralContainer", ["args", "command", "env"], ["no-plain-secrets"]),
  "ExecAction.command": ["no-plain-secrets"],
  "HTTPGetAction.httpHeaders": ["no-plain-secrets"],
  ...cover("ConfigMap", ["binaryData", "data"], ["no-plain-secrets"]),
  ...cover("Secret", ["data", "stringData"], none("Secrets belong here.")),
  "Container.envFrom": REFERENCE,
  "EphemeralContainer.envFrom": REFERENCE,
  "EnvFromSource.secretRef": REFERENCE,
  "EnvVarSource.secretKeyRef": REFERENCE,
  "IngressTLS.secretName": REFERENCE,
  "PodSpec.imagePullSecrets": REFERENCE,
  ...cover("ServiceAccount", ["imagePullSecrets", "secrets"], REFERENCE),
  "SecretVolumeSource.secretName": REFERENCE,
  "Volume.secret": REFERENCE,
  "VolumeProjection.secret": REFERENCE,
  "PodCertificateProjection.credentialBundlePath": none("A path inside the container."),
  ...cover(
    "CSIDriverSpec",
    ["serviceAccountTokenInSecrets", "tokenRequests"],
    none("Configures how a driver gets tokens. The object contains none."),
  ),
  "TokenReviewSpec.token": none("A request to the API server. Such objects are not stored."),
  "StorageVersionMigrationSpec.continueToken": none("A position in a list."),
  "CSIVolumeSource.nodePublishSecretRef": REFERENCE,
  "CSIVolumeSource.volumeAttributes": none("Driver-specific parameters. No parameter is known to contain a secret."),
  "CSIPersistentVolumeSource.volumeAttributes": CLAIMED,
  ...cover(
    "StorageClass",
    ["parameters"],
    none("Driver-specific parameters. Drivers refer to Secrets instead of containing them."),
  ),
  ...cover(
    "VolumeAttributesClass",
    ["parameters"],
    none("Driver-specific parameters. Drivers refer to Secrets instead of containing them."),
  ),
  ...cover("AzureFileVolumeSource", ["secretName"], OF_THE_VOLUME),
  ...cover("CephFSVolumeSource", ["secretFile", "secretRef"], OF_THE_VOLUME),
  ...cover("CinderVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...cover("FlexVolumeSource", ["options", "secretRef"], OF_THE_VOLUME),
  ...cover("ISCSIVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...cover("RBDVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...cover("ScaleIOVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...cover("StorageOSVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...cover("AzureFilePersistentVolumeSource", ["secretName", "secretNamespace"], CLAIMED),
  ...cover("CephFSPersistentVolumeSource", ["secretFile", "secretRef"], CLAIMED),
  ...cover("CinderPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...cover(
    "CSIPersistentVolumeSource",
    [
      "controllerExpandSecretRef",
      "controllerPublishSecretRef",
      "nodeExpandSecretRef",
      "nodePublishSecretRef",
      "nodeStageSecretRef",
    ],
    CLAIMED,
  ),
  ...cover("FlexPersistentVolumeSource", ["options", "secretRef"], CLAIMED),
  ...cover("ISCSIPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...cover("RBDPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...cover("ScaleIOPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...cover("StorageOSPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...cover(
    "WindowsSecurityContextOptions",
    ["gmsaCredentialSpec", "gmsaCredentialSpecName"],
    none("Refers to an Active Directory account. A separate webhook authorizes its use."),
  ),

  // Volumes and host paths.
  "PodSpec.volumes": ["no-host-path", "volume-types"],
  "Volume.hostPath": ["no-host-path"],
  "HostPathVolumeSource.path": ["no-host-path"],
  "PersistentVolumeSpec.hostPath": ["no-host-path"],
  ...cover("Volume", [...NETWORK_VOLUMES, "gitRepo"], INLINE_VOLUME),
  ...cover("Volume", ["configMap", "downwardAPI", "emptyDir", "projected"], OWN_FILES),
  ...cover("VolumeProjection", ["clusterTrustBundle", "configMap", "downwardAPI", "podCertificate"], OWN_FILES),
  ...cover("Volume", ["csi", "ephemeral", "persistentVolumeClaim"], ADMINISTRATORS),
  ...cover("PersistentVolumeSpec", [...NETWORK_VOLUMES, "csi"], ADMINISTRATORS),
  "PersistentVolumeSpec.local": none("A disk of one node, configured by an administrator."),
  "LocalVolumeSource.path": none("A disk of one node, configured by an administrator."),
  ...cover(
    "Container",
    ["volumeDevices", "volumeMounts"],
    none("Where a volume is mounted. The volume itself is checked."),
  ),
  ...cover(
    "EphemeralContainer",
    ["volumeDevices", "volumeMounts"],
    none("Where a volume is mounted. The volume itself is checked."),
  ),
  "VolumeMount.mountPropagation": none("The API server allows Bidirectional only in privileged containers."),
  ...cover("VolumeMount", ["subPath", "subPathExpr"], none("The kubelet keeps the path inside the volume.")),

  // Privileges of containers.
  "PodSpec.securityContext": ["apparmor-confined", "no-privileged", "selinux-confined", "sysctls-safe"],
  "Container.securityContext": SECURITY_CONTEXT,
  "EphemeralContainer.securityContext": ["no-privileged"],
  ...cover("PodSpec", ["hostIPC", "hostNetwork", "hostPID"], ["no-host-namespaces"]),
  "ContainerPort.hostPort": ["no-host-namespaces"],
  "PodSpec.hostUsers": none("The value false only restricts a pod further."),
  "PodSpec.runtimeClassName": none("Selects a runtime that the cluster provides."),
  "PodSpec.shareProcessNamespace": none("Shared only among the containers of one pod."),
  "SecurityContext.allowPrivilegeEscalation": ["no-privilege-escalation"],
  "SecurityContext.capabilities": ["capabilities-dropped"],
  ...cover("Capabilities", ["add", "drop"], ["capabilities-dropped"]),
  "SecurityContext.privileged": ["no-privileged"],
  "SecurityContext.procMount": ["proc-masked"],
  "SecurityContext.readOnlyRootFilesystem": ["read-only-root-filesystem"],
  ...cover("SecurityContext", ["runAsNonRoot", "runAsUser"], ["run-as-non-root"]),
  ...cover("PodSecurityContext", ["runAsNonRoot", "runAsUser"], ["run-as-non-root"]),
  "SecurityContext.runAsGroup": GROUPS,
  ...cover("PodSecurityContext", ["fsGroup", "runAsGroup", "supplementalGroups"], GROUPS),
  ...cover("PodSecurityContext", ["fsGroupChangePolicy", "seLinuxChangePolicy", "supplementalGroupsPolicy"], NO_RIGHTS),
  "SecurityContext.appArmorProfile": ["apparmor-confined"],
  "PodSecurityContext.appArmorProfile": ["apparmor-confined"],
  "AppArmorProfile.type": ["apparmor-confined"],
  "AppArmorProfile.localhostProfile": none("A profile that an administrator installed on the node."),
  "SecurityContext.seccompProfile": ["seccomp"],
  "PodSecurityContext.seccompProfile": ["seccomp"],
  "SeccompProfile.type": ["seccomp"],
  "SeccompProfile.localhostProfile": none("A profile that an administrator installed on the node."),
  "SecurityContext.seLinuxOptions": ["selinux-confined"],
  "PodSecurityContext.seLinuxOptions": ["selinux-confined"],
  ...cover("SELinuxOptions", ["role", "type", "user"], ["selinux-confined"]),
  "SELinuxOptions.level": none("Isolates pods from each other. Every level is confined."),
  "PodSecurityContext.sysctls": ["sysctls-safe"],
  "Sysctl.name": ["sysctls-safe"],
  "Sysctl.value": none("Safe sysctls affect only the pod, whatever their value."),
  "SecurityContext.windowsOptions": ["no-privileged"],
  "PodSecurityContext.windowsOptions": ["no-privileged"],
  "WindowsSecurityContextOptions.hostProcess": ["no-privileged"],
  "WindowsSecurityContextOptions.runAsUserName": none(
    "With runAsNonRoot, which run-as-non-root requires, the kubelet rejects ContainerAdministrator.",
  ),
};

/** Kinds with a pod spec that no rule checks, with the reason. */
export const UNCHECKED_POD_SPECS: Readonly<Record<string, string>> = {
  "v1 PodTemplate": "No Kubernetes controller creates pods from it.",
};
