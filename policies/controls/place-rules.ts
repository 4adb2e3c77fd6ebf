/** The rules that check a place, or why none does. */
export type Checked = readonly string[] | { readonly none: string };

const none = (reason: string): Checked => ({ none: reason });
const each = (type: string, fields: readonly string[], checked: Checked): Readonly<Record<string, Checked>> =>
  Object.fromEntries(fields.map((field) => [`${type}.${field}`, checked]));

const REFERENCE = none("Names a Secret; nothing secret is in the object.");
const INLINE_VOLUME: Checked = ["volume-types"];
const OF_THE_VOLUME = none("Part of a volume that volume-types refuses.");
const ADMINISTRATORS = none("An administrator offers it, and pods reach it only through a claim.");
const CLAIMED = none("Part of a PersistentVolume: an administrator offers it, and pods reach it only through a claim.");
const NOT_EPHEMERAL = none("The API server refuses it in an ephemeral container.");
const GROUPS = none("No group has rights of its own on a node, and the Pod Security Standards leave groups free.");
const NO_RIGHTS = none("It gives a pod no further rights.");
const OWN_FILES = none("Holds what the API server or the pod itself knows, nothing of the node.");

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

/** Volumes of a pod that name storage of the network, and the same in a PersistentVolume. */
const NETWORK_VOLUMES = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker"],
  ...["gcePersistentDisk", "glusterfs", "iscsi", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd"],
  ...["scaleIO", "storageos", "vsphereVolume"],
];

/** Every place of `placesOf`, in any known version of Kubernetes. A test fails for a place that is missing. */
export const PLACE_RULES: Readonly<Record<string, Checked>> = {
  // Images.
  "Container.image": ["images-pinned"],
  "EphemeralContainer.image": ["images-pinned"],
  "ImageVolumeSource.reference": ["images-pinned"],
  "Volume.image": ["images-pinned"],
  "Container.imagePullPolicy": none("A pinned image is the same whichever policy pulls it."),
  "EphemeralContainer.imagePullPolicy": none("A pinned image is the same whichever policy pulls it."),
  "RBDVolumeSource.image": none("The name of a block device, not of a container image."),
  "RBDPersistentVolumeSource.image": none("The name of a block device, not of a container image."),

  // Probes and what else a kubelet calls.
  ...each("Container", ["livenessProbe", "readinessProbe"], ["no-handler-hosts", "probes"]),
  "Container.startupProbe": ["no-handler-hosts"],
  "Container.lifecycle": ["no-handler-hosts", "no-plain-secrets"],
  ...each("EphemeralContainer", ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"], NOT_EPHEMERAL),
  ...each("Lifecycle", ["postStart", "preStop"], ["no-handler-hosts"]),
  ...each("LifecycleHandler", ["httpGet"], ["no-handler-hosts"]),
  "LifecycleHandler.tcpSocket": ["no-handler-hosts"],
  "LifecycleHandler.exec": ["no-plain-secrets"],
  "Probe.exec": ["no-plain-secrets"],
  ...each("Probe", ["httpGet", "tcpSocket"], ["no-handler-hosts"]),
  "HTTPGetAction.host": ["no-handler-hosts"],
  "TCPSocketAction.host": ["no-handler-hosts"],

  // Accounts.
  "PodSpec.automountServiceAccountToken": ["no-default-account-token"],
  "PodSpec.serviceAccountName": ["service-accounts-exist"],
  "PodSpec.serviceAccount": ["service-accounts-exist"],
  "ServiceAccount.automountServiceAccountToken": ["no-default-account-token"],
  "VolumeProjection.serviceAccountToken": none("A token for a stated audience and time, of the pod's own account."),
  "RoleBinding.subjects": none("An account may be made after its binding, and by others."),
  "ClusterRoleBinding.subjects": none("An account may be made after its binding, and by others."),
  "PolicyRulesWithSubjects.subjects": none("Whom a limit on requests applies to; it grants nothing."),
  "Subject.serviceAccount": none("Whom a limit on requests applies to; it grants nothing."),
  ...each(
    "PodCertificateRequestSpec",
    ["serviceAccountName", "serviceAccountUID"],
    none("Kubelets write these objects."),
  ),

  // Secrets.
  ...each("Container", ["args", "command", "env"], ["no-plain-secrets"]),
  ...each("EphemeralContainer", ["args", "command", "env"], ["no-plain-secrets"]),
  "ExecAction.command": ["no-plain-secrets"],
  "HTTPGetAction.httpHeaders": ["no-plain-secrets"],
  ...each("ConfigMap", ["binaryData", "data"], ["no-plain-secrets"]),
  ...each("Secret", ["data", "stringData"], none("The place for secrets.")),
  "Container.envFrom": REFERENCE,
  "EphemeralContainer.envFrom": REFERENCE,
  "EnvFromSource.secretRef": REFERENCE,
  "EnvVarSource.secretKeyRef": REFERENCE,
  "IngressTLS.secretName": REFERENCE,
  "PodSpec.imagePullSecrets": REFERENCE,
  ...each("ServiceAccount", ["imagePullSecrets", "secrets"], REFERENCE),
  "SecretVolumeSource.secretName": REFERENCE,
  "Volume.secret": REFERENCE,
  "VolumeProjection.secret": REFERENCE,
  "PodCertificateProjection.credentialBundlePath": none("A path inside the container."),
  ...each(
    "CSIDriverSpec",
    ["serviceAccountTokenInSecrets", "tokenRequests"],
    none("How a driver gets tokens; none is in the object."),
  ),
  "TokenReviewSpec.token": none("A question to the API server, which stores no such object."),
  "StorageVersionMigrationSpec.continueToken": none("A position in a list."),
  "CSIVolumeSource.nodePublishSecretRef": REFERENCE,
  "CSIVolumeSource.volumeAttributes": none("Free text for a driver, of which no name is known to be a secret's."),
  "CSIPersistentVolumeSource.volumeAttributes": CLAIMED,
  ...each("StorageClass", ["parameters"], none("Free text for a driver; drivers take secrets by reference.")),
  ...each("VolumeAttributesClass", ["parameters"], none("Free text for a driver; drivers take secrets by reference.")),
  ...each("AzureFileVolumeSource", ["secretName"], OF_THE_VOLUME),
  ...each("CephFSVolumeSource", ["secretFile", "secretRef"], OF_THE_VOLUME),
  ...each("CinderVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...each("FlexVolumeSource", ["options", "secretRef"], OF_THE_VOLUME),
  ...each("ISCSIVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...each("RBDVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...each("ScaleIOVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...each("StorageOSVolumeSource", ["secretRef"], OF_THE_VOLUME),
  ...each("AzureFilePersistentVolumeSource", ["secretName", "secretNamespace"], CLAIMED),
  ...each("CephFSPersistentVolumeSource", ["secretFile", "secretRef"], CLAIMED),
  ...each("CinderPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...each(
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
  ...each("FlexPersistentVolumeSource", ["options", "secretRef"], CLAIMED),
  ...each("ISCSIPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...each("RBDPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...each("ScaleIOPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...each("StorageOSPersistentVolumeSource", ["secretRef"], CLAIMED),
  ...each(
    "WindowsSecurityContextOptions",
    ["gmsaCredentialSpec", "gmsaCredentialSpecName"],
    none("Names an account of Active Directory; a webhook of its own decides who may use it."),
  ),

  // Volumes and paths of the node.
  "PodSpec.volumes": ["no-host-path", "volume-types"],
  "Volume.hostPath": ["no-host-path"],
  "HostPathVolumeSource.path": ["no-host-path"],
  "PersistentVolumeSpec.hostPath": ["no-host-path"],
  ...each("Volume", [...NETWORK_VOLUMES, "gitRepo"], INLINE_VOLUME),
  ...each("Volume", ["configMap", "downwardAPI", "emptyDir", "projected"], OWN_FILES),
  ...each("VolumeProjection", ["clusterTrustBundle", "configMap", "downwardAPI", "podCertificate"], OWN_FILES),
  ...each("Volume", ["csi", "ephemeral", "persistentVolumeClaim"], ADMINISTRATORS),
  ...each("PersistentVolumeSpec", [...NETWORK_VOLUMES, "csi"], ADMINISTRATORS),
  "PersistentVolumeSpec.local": none("A disk of one node, which an administrator offers."),
  "LocalVolumeSource.path": none("A disk of one node, which an administrator offers."),
  ...each(
    "Container",
    ["volumeDevices", "volumeMounts"],
    none("Where a volume is seen; the volume itself is checked."),
  ),
  ...each(
    "EphemeralContainer",
    ["volumeDevices", "volumeMounts"],
    none("Where a volume is seen; the volume itself is checked."),
  ),
  "VolumeMount.mountPropagation": none("The API server allows Bidirectional only in privileged containers."),
  ...each("VolumeMount", ["subPath", "subPathExpr"], none("A kubelet keeps it inside the volume.")),

  // What a container may do.
  "PodSpec.securityContext": ["apparmor-confined", "no-privileged", "selinux-confined", "sysctls-safe"],
  "Container.securityContext": SECURITY_CONTEXT,
  "EphemeralContainer.securityContext": ["no-privileged"],
  ...each("PodSpec", ["hostIPC", "hostNetwork", "hostPID"], ["no-host-namespaces"]),
  "ContainerPort.hostPort": ["no-host-namespaces"],
  "PodSpec.hostUsers": none("false only confines a pod further."),
  "PodSpec.runtimeClassName": none("Names a runtime that the cluster offers."),
  "PodSpec.shareProcessNamespace": none("Among the containers of one pod."),
  "SecurityContext.allowPrivilegeEscalation": ["no-privilege-escalation"],
  "SecurityContext.capabilities": ["capabilities-dropped"],
  ...each("Capabilities", ["add", "drop"], ["capabilities-dropped"]),
  "SecurityContext.privileged": ["no-privileged"],
  "SecurityContext.procMount": ["proc-masked"],
  "SecurityContext.readOnlyRootFilesystem": ["read-only-root-filesystem"],
  ...each("SecurityContext", ["runAsNonRoot", "runAsUser"], ["run-as-non-root"]),
  ...each("PodSecurityContext", ["runAsNonRoot", "runAsUser"], ["run-as-non-root"]),
  "SecurityContext.runAsGroup": GROUPS,
  ...each("PodSecurityContext", ["fsGroup", "runAsGroup", "supplementalGroups"], GROUPS),
  ...each("PodSecurityContext", ["fsGroupChangePolicy", "seLinuxChangePolicy", "supplementalGroupsPolicy"], NO_RIGHTS),
  "SecurityContext.appArmorProfile": ["apparmor-confined"],
  "PodSecurityContext.appArmorProfile": ["apparmor-confined"],
  "AppArmorProfile.type": ["apparmor-confined"],
  "AppArmorProfile.localhostProfile": none("A profile that an administrator put on the node."),
  "SecurityContext.seccompProfile": ["seccomp"],
  "PodSecurityContext.seccompProfile": ["seccomp"],
  "SeccompProfile.type": ["seccomp"],
  "SeccompProfile.localhostProfile": none("A profile that an administrator put on the node."),
  "SecurityContext.seLinuxOptions": ["selinux-confined"],
  "PodSecurityContext.seLinuxOptions": ["selinux-confined"],
  ...each("SELinuxOptions", ["role", "type", "user"], ["selinux-confined"]),
  "SELinuxOptions.level": none("Keeps pods apart from each other; every level is confined."),
  "PodSecurityContext.sysctls": ["sysctls-safe"],
  "Sysctl.name": ["sysctls-safe"],
  "Sysctl.value": none("Those that may be set affect the pod alone, whatever their value."),
  "SecurityContext.windowsOptions": ["no-privileged"],
  "PodSecurityContext.windowsOptions": ["no-privileged"],
  "WindowsSecurityContextOptions.hostProcess": ["no-privileged"],
  "WindowsSecurityContextOptions.runAsUserName": none(
    "runAsNonRoot, which run-as-non-root demands, makes the kubelet refuse ContainerAdministrator.",
  ),
};

/** Kinds that hold a pod's spec and are not looked at, with the reason. */
export const OTHER_POD_SPECS: Readonly<Record<string, string>> = {
  "v1 PodTemplate": "No controller of Kubernetes makes pods of it.",
};
