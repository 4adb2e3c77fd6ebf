"""Creates recorded resources one by one against moto's server, in the order in which Pulumi registered them.

Reads a JSON list of {type, name, id, region, inputs, attributes} on standard input. Ids and attributes of the recording are
replaced by what AWS' API answers. Prints a JSON object: the number of resources, and what the API refused.
"""

import base64
import json
import logging
import os
import sys

import boto3
from botocore.exceptions import ClientError, ParamValidationError
from moto.server import ThreadedMotoServer

os.environ.update(
    AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", MOTO_ACCOUNT_ID="111122223333"
)


class Cloud:
    """Clients of one moto server, and what the recording's ids became."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.clients = {}
        self.actual = {}

    def client(self, service, region):
        key = (service, region)
        if key not in self.clients:
            self.clients[key] = boto3.client(service, region_name=region, endpoint_url=self.endpoint)
        return self.clients[key]

    def learn(self, recorded, actual):
        if recorded and actual:
            self.actual[recorded] = actual

    def resolve(self, value):
        """Replaces everything that the recording made up."""
        text = json.dumps(value)
        for recorded in sorted(self.actual, key=len, reverse=True):
            text = text.replace(recorded, self.actual[recorded])
        return json.loads(text)


def tag_list(inputs):
    tags = inputs.get("tags") or {}
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def specification(kind, inputs):
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tag_list(inputs)}]} if inputs.get("tags") else {}


def without_none(**fields):
    return {key: value for key, value in fields.items() if value is not None}


def vpc(ec2, r):
    i = r["inputs"]
    created = ec2.create_vpc(CidrBlock=i["cidrBlock"], **specification("vpc", i))["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=created, EnableDnsSupport={"Value": i["enableDnsSupport"]})
    ec2.modify_vpc_attribute(VpcId=created, EnableDnsHostnames={"Value": i["enableDnsHostnames"]})
    return {"id": created}


def default_security_group(ec2, r):
    filters = [
        {"Name": "vpc-id", "Values": [r["inputs"]["vpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    (group,) = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    return {"id": group["GroupId"]}


def permission(rule):
    description = rule["description"]
    pairs = [{"GroupId": group, "Description": description} for group in rule.get("securityGroups", [])]
    return without_none(
        IpProtocol=rule["protocol"],
        FromPort=rule["fromPort"],
        ToPort=rule["toPort"],
        IpRanges=[{"CidrIp": cidr, "Description": description} for cidr in rule.get("cidrBlocks", [])],
        UserIdGroupPairs=pairs,
        PrefixListIds=[{"PrefixListId": each, "Description": description} for each in rule.get("prefixListIds", [])],
    )


def security_group(ec2, r):
    i = r["inputs"]
    created = ec2.create_security_group(
        GroupName=r["name"] + "-0123456", Description=i["description"], VpcId=i["vpcId"], **specification("security-group", i)
    )["GroupId"]
    # The provider removes AWS' own rule, which allows all outgoing traffic.
    ec2.revoke_security_group_egress(
        GroupId=created, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    for rule in i.get("ingress", []):
        rule = {**rule, "securityGroups": rule.get("securityGroups", []) + ([created] if rule.get("self") else [])}
        ec2.authorize_security_group_ingress(GroupId=created, IpPermissions=[permission(rule)])
    for rule in i.get("egress", []):
        ec2.authorize_security_group_egress(GroupId=created, IpPermissions=[permission(rule)])
    return {"id": created}


def subnet(ec2, r):
    i = r["inputs"]
    created = ec2.create_subnet(
        VpcId=i["vpcId"], CidrBlock=i["cidrBlock"], AvailabilityZone=i["availabilityZone"], **specification("subnet", i)
    )
    return {"id": created["Subnet"]["SubnetId"]}


def internet_gateway(ec2, r):
    created = ec2.create_internet_gateway(**specification("internet-gateway", r["inputs"]))
    gateway = created["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=r["inputs"]["vpcId"])
    return {"id": gateway}


def eip(ec2, r):
    created = ec2.allocate_address(Domain=r["inputs"]["domain"], **specification("elastic-ip", r["inputs"]))
    return {"id": created["AllocationId"], "publicIp": created["PublicIp"]}


def nat_gateway(ec2, r):
    i = r["inputs"]
    created = ec2.create_nat_gateway(
        SubnetId=i["subnetId"], AllocationId=i["allocationId"], **specification("natgateway", i)
    )
    return {"id": created["NatGateway"]["NatGatewayId"]}


def route_table(ec2, r):
    created = ec2.create_route_table(VpcId=r["inputs"]["vpcId"], **specification("route-table", r["inputs"]))
    return {"id": created["RouteTable"]["RouteTableId"]}


def route(ec2, r):
    i = r["inputs"]
    ec2.create_route(
        RouteTableId=i["routeTableId"],
        DestinationCidrBlock=i["destinationCidrBlock"],
        **without_none(
            GatewayId=i.get("gatewayId"),
            NatGatewayId=i.get("natGatewayId"),
            VpcPeeringConnectionId=i.get("vpcPeeringConnectionId"),
        ),
    )
    return {}


def route_table_association(ec2, r):
    i = r["inputs"]
    ec2.associate_route_table(RouteTableId=i["routeTableId"], SubnetId=i["subnetId"])
    return {}


def vpc_endpoint(ec2, r):
    i = r["inputs"]
    created = ec2.create_vpc_endpoint(
        VpcId=i["vpcId"],
        ServiceName=i["serviceName"],
        VpcEndpointType=i["vpcEndpointType"],
        **without_none(
            RouteTableIds=i.get("routeTableIds"),
            SubnetIds=i.get("subnetIds"),
            SecurityGroupIds=i.get("securityGroupIds"),
            PrivateDnsEnabled=i.get("privateDnsEnabled"),
        ),
        **specification("vpc-endpoint", i),
    )
    # moto has no prefix lists of AWS' services.
    entries = ec2.create_managed_prefix_list(PrefixListName=r["name"], MaxEntries=1, AddressFamily="IPv4")
    return {
        "id": created["VpcEndpoint"]["VpcEndpointId"],
        "prefixListId": entries["PrefixList"]["PrefixListId"],
    }


def peering(ec2, r):
    i = r["inputs"]
    created = ec2.create_vpc_peering_connection(
        VpcId=i["vpcId"], PeerVpcId=i["peerVpcId"], PeerRegion=i["peerRegion"], **specification("vpc-peering-connection", i)
    )
    return {"id": created["VpcPeeringConnection"]["VpcPeeringConnectionId"]}


def peering_accepter(ec2, r):
    connection = r["inputs"]["vpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=connection)
    # The provider gives the accepter the id of the connection.
    return {"id": connection}


def network_interface(ec2, r):
    i = r["inputs"]
    created = ec2.create_network_interface(
        SubnetId=i["subnetId"], Groups=i["securityGroups"], **specification("network-interface", i)
    )
    return {"id": created["NetworkInterface"]["NetworkInterfaceId"]}


def volume(ec2, r):
    i = r["inputs"]
    created = ec2.create_volume(
        AvailabilityZone=i["availabilityZone"],
        Size=i["size"],
        VolumeType=i["type"],
        Encrypted=i["encrypted"],
        KmsKeyId=i["kmsKeyId"],
        **specification("volume", i),
    )
    return {"id": created["VolumeId"]}


def metadata_options(options):
    return {
        "HttpEndpoint": options["httpEndpoint"],
        "HttpTokens": options["httpTokens"],
        "HttpPutResponseHopLimit": options["httpPutResponseHopLimit"],
        "InstanceMetadataTags": options["instanceMetadataTags"],
    }


def image(ec2, r):
    """moto knows few images, so any of them stands for the one that AWS would name."""
    (first, *_) = ec2.describe_images()["Images"]
    return first["ImageId"]


def instance(ec2, r):
    i = r["inputs"]
    disk = i["rootBlockDevice"]
    created = ec2.run_instances(
        ImageId=image(ec2, r),
        InstanceType=i["instanceType"],
        MinCount=1,
        MaxCount=1,
        UserData=base64.b64decode(i["userDataBase64"]),
        IamInstanceProfile={"Name": i["iamInstanceProfile"]},
        NetworkInterfaces=[
            {"DeviceIndex": 0, "NetworkInterfaceId": i["primaryNetworkInterface"]["networkInterfaceId"]}
        ],
        MetadataOptions=metadata_options(i["metadataOptions"]),
        BlockDeviceMappings=[
            {
                "DeviceName": "/dev/sda1",
                "Ebs": {
                    "Encrypted": disk["encrypted"],
                    "KmsKeyId": disk["kmsKeyId"],
                    "VolumeType": disk["volumeType"],
                    "VolumeSize": disk["volumeSize"],
                },
            }
        ],
        **specification("instance", i),
    )
    return {"id": created["Instances"][0]["InstanceId"]}


def volume_attachment(ec2, r):
    i = r["inputs"]
    ec2.attach_volume(InstanceId=i["instanceId"], VolumeId=i["volumeId"], Device=i["deviceName"])
    return {}


def launch_template(ec2, r):
    i = r["inputs"]
    (mapping,) = i["blockDeviceMappings"]
    disk = mapping["ebs"]
    created = ec2.create_launch_template(
        LaunchTemplateName=r["name"] + "-0123456",
        LaunchTemplateData={
            "ImageId": image(ec2, r),
            "InstanceType": i["instanceType"],
            "UserData": i["userData"],
            "IamInstanceProfile": {"Name": i["iamInstanceProfile"]["name"]},
            "SecurityGroupIds": i["vpcSecurityGroupIds"],
            "MetadataOptions": metadata_options(i["metadataOptions"]),
            "BlockDeviceMappings": [
                {
                    "DeviceName": mapping["deviceName"],
                    "Ebs": {
                        "Encrypted": disk["encrypted"] == "true",
                        "VolumeType": disk["volumeType"],
                        "VolumeSize": disk["volumeSize"],
                        "DeleteOnTermination": disk["deleteOnTermination"] == "true",
                    },
                }
            ],
            "TagSpecifications": [
                {"ResourceType": each["resourceType"], "Tags": tag_list(each)} for each in i["tagSpecifications"]
            ],
        },
        **specification("launch-template", i),
    )
    return {"id": created["LaunchTemplate"]["LaunchTemplateId"]}


def scaling_group(autoscaling, r):
    i = r["inputs"]
    fields = {}
    if "launchTemplate" in i:
        fields["LaunchTemplate"] = {
            "LaunchTemplateId": i["launchTemplate"]["id"],
            "Version": i["launchTemplate"]["version"],
        }
    else:
        policy = i["mixedInstancesPolicy"]
        template = policy["launchTemplate"]
        distribution = policy["instancesDistribution"]
        fields["MixedInstancesPolicy"] = {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {
                    "LaunchTemplateId": template["launchTemplateSpecification"]["launchTemplateId"],
                    "Version": template["launchTemplateSpecification"]["version"],
                },
                "Overrides": [{"InstanceType": each["instanceType"]} for each in template["overrides"]],
            },
            "InstancesDistribution": {
                "OnDemandBaseCapacity": distribution["onDemandBaseCapacity"],
                "OnDemandPercentageAboveBaseCapacity": distribution["onDemandPercentageAboveBaseCapacity"],
                "SpotAllocationStrategy": distribution["spotAllocationStrategy"],
            },
        }
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=r["name"] + "-0123456",
        MinSize=i["minSize"],
        MaxSize=i["maxSize"],
        DesiredCapacity=i["desiredCapacity"],
        VPCZoneIdentifier=",".join(i["vpcZoneIdentifiers"]),
        CapacityRebalance=i["capacityRebalance"],
        Tags=[
            {"Key": each["key"], "Value": each["value"], "PropagateAtLaunch": each["propagateAtLaunch"]}
            for each in i["tags"]
        ],
        **fields,
    )
    return {}


def load_balancer(elb, r):
    i = r["inputs"]
    (created,) = elb.create_load_balancer(
        Name=r["name"] + "-0123456",
        Type=i["loadBalancerType"],
        Scheme="internal" if i["internal"] else "internet-facing",
        SecurityGroups=i["securityGroups"],
        SubnetMappings=[
            without_none(SubnetId=each["subnetId"], AllocationId=each.get("allocationId")) for each in i["subnetMappings"]
        ],
        Tags=tag_list(i),
    )["LoadBalancers"]
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=created["LoadBalancerArn"],
        Attributes=[
            {"Key": "load_balancing.cross_zone.enabled", "Value": str(i["enableCrossZoneLoadBalancing"]).lower()},
            {"Key": "deletion_protection.enabled", "Value": str(i["enableDeletionProtection"]).lower()},
        ],
    )
    return {
        "arn": created["LoadBalancerArn"],
        "arnSuffix": created["LoadBalancerArn"].split("loadbalancer/")[1],
        "dnsName": created["DNSName"],
        "zoneId": created["CanonicalHostedZoneId"],
    }


def target_group(elb, r):
    i = r["inputs"]
    check = i["healthCheck"]
    (created,) = elb.create_target_group(
        Name=r["name"] + "-0123456",
        Protocol=i["protocol"],
        Port=i["port"],
        VpcId=i["vpcId"],
        TargetType=i["targetType"],
        HealthCheckProtocol=check["protocol"],
        HealthCheckPort=check["port"],
        HealthCheckIntervalSeconds=check["interval"],
        HealthyThresholdCount=check["healthyThreshold"],
        UnhealthyThresholdCount=check["unhealthyThreshold"],
        Tags=tag_list(i),
    )["TargetGroups"]
    elb.modify_target_group_attributes(
        TargetGroupArn=created["TargetGroupArn"],
        Attributes=[
            {"Key": "preserve_client_ip.enabled", "Value": i["preserveClientIp"]},
            {"Key": "deregistration_delay.timeout_seconds", "Value": str(i["deregistrationDelay"])},
            {
                "Key": "deregistration_delay.connection_termination.enabled",
                "Value": str(i["connectionTermination"]).lower(),
            },
        ],
    )
    arn = created["TargetGroupArn"]
    return {"arn": arn, "arnSuffix": "targetgroup/" + arn.split("targetgroup/")[1]}


def listener(elb, r):
    i = r["inputs"]
    (action,) = i["defaultActions"]
    elb.create_listener(
        LoadBalancerArn=i["loadBalancerArn"],
        Protocol=i["protocol"],
        Port=i["port"],
        DefaultActions=[{"Type": action["type"], "TargetGroupArn": action["targetGroupArn"]}],
        Tags=tag_list(i),
    )
    return {}


def target_group_attachment(elb, r):
    i = r["inputs"]
    elb.register_targets(TargetGroupArn=i["targetGroupArn"], Targets=[{"Id": i["targetId"]}])
    return {}


def role(iam, r):
    i = r["inputs"]
    created = iam.create_role(
        RoleName=r["name"] + "-0123456", AssumeRolePolicyDocument=i["assumeRolePolicy"], Tags=tag_list(i)
    )["Role"]
    # The provider uses the name as the id.
    return {"id": created["RoleName"], "name": created["RoleName"]}


def role_policy(iam, r):
    i = r["inputs"]
    iam.put_role_policy(RoleName=i["role"], PolicyName=r["name"], PolicyDocument=i["policy"])
    return {}


def instance_profile(iam, r):
    i = r["inputs"]
    name = r["name"] + "-0123456"
    iam.create_instance_profile(InstanceProfileName=name, Tags=tag_list(i))
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=i["role"])
    return {"id": name, "name": name}


def key(kms, r):
    i = r["inputs"]
    created = kms.create_key(
        Description=i["description"],
        Tags=[{"TagKey": tag, "TagValue": value} for tag, value in i["tags"].items()],
    )["KeyMetadata"]
    if i["enableKeyRotation"]:
        kms.enable_key_rotation(KeyId=created["KeyId"])
    return {"id": created["KeyId"], "arn": created["Arn"]}


def parameter(ssm, r):
    i = r["inputs"]
    ssm.put_parameter(
        Name=i["name"], Type=i["type"], Value=i["value"], KeyId=i["keyId"], Tier=i["tier"], Tags=tag_list(i)
    )
    stored = ssm.get_parameter(Name=i["name"], WithDecryption=True)["Parameter"]
    assert stored["Value"] == i["value"], i["name"]
    return {}


def bucket(s3, r):
    i = r["inputs"]
    region = s3.meta.region_name
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=i["bucket"], **where)
    s3.put_bucket_tagging(Bucket=i["bucket"], Tagging={"TagSet": tag_list(i)})
    return {"id": i["bucket"]}


def public_access_block(s3, r):
    i = r["inputs"]
    s3.put_public_access_block(
        Bucket=i["bucket"],
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": i["blockPublicAcls"],
            "IgnorePublicAcls": i["ignorePublicAcls"],
            "BlockPublicPolicy": i["blockPublicPolicy"],
            "RestrictPublicBuckets": i["restrictPublicBuckets"],
        },
    )
    return {}


def ownership_controls(s3, r):
    i = r["inputs"]
    s3.put_bucket_ownership_controls(
        Bucket=i["bucket"], OwnershipControls={"Rules": [{"ObjectOwnership": i["rule"]["objectOwnership"]}]}
    )
    return {}


def versioning(s3, r):
    i = r["inputs"]
    s3.put_bucket_versioning(
        Bucket=i["bucket"], VersioningConfiguration={"Status": i["versioningConfiguration"]["status"]}
    )
    return {}


def encryption(s3, r):
    i = r["inputs"]
    (rule,) = i["rules"]
    default = rule["applyServerSideEncryptionByDefault"]
    s3.put_bucket_encryption(
        Bucket=i["bucket"],
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {
                        "SSEAlgorithm": default["sseAlgorithm"],
                        "KMSMasterKeyID": default["kmsMasterKeyId"],
                    },
                    "BucketKeyEnabled": rule["bucketKeyEnabled"],
                }
            ]
        },
    )
    return {}


def bucket_policy(s3, r):
    s3.put_bucket_policy(Bucket=r["inputs"]["bucket"], Policy=r["inputs"]["policy"])
    return {}


def lifecycle(s3, r):
    i = r["inputs"]
    (rule,) = i["rules"]
    s3.put_bucket_lifecycle_configuration(
        Bucket=i["bucket"],
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": rule["id"],
                    "Status": rule["status"],
                    "Filter": {"Prefix": ""},
                    "NoncurrentVersionExpiration": {
                        "NoncurrentDays": rule["noncurrentVersionExpiration"]["noncurrentDays"]
                    },
                    "AbortIncompleteMultipartUpload": {
                        "DaysAfterInitiation": rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"]
                    },
                }
            ]
        },
    )
    return {}


def record(route53, r):
    i = r["inputs"]
    (alias,) = i["aliases"]
    route53.change_resource_record_sets(
        HostedZoneId=i["zoneId"],
        ChangeBatch={
            "Changes": [
                {
                    "Action": "CREATE",
                    "ResourceRecordSet": {
                        "Name": i["name"],
                        "Type": i["type"],
                        "AliasTarget": {
                            "DNSName": alias["name"],
                            "HostedZoneId": alias["zoneId"],
                            "EvaluateTargetHealth": alias["evaluateTargetHealth"],
                        },
                    },
                }
            ]
        },
    )
    return {}


def alarm(cloudwatch, r):
    i = r["inputs"]
    name = r["name"] + "-0123456"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription=i["alarmDescription"],
        Namespace=i["namespace"],
        MetricName=i["metricName"],
        Dimensions=[{"Name": key, "Value": value} for key, value in i["dimensions"].items()],
        Statistic=i["statistic"],
        ComparisonOperator=i["comparisonOperator"],
        Threshold=i["threshold"],
        Period=i["period"],
        EvaluationPeriods=i["evaluationPeriods"],
        TreatMissingData=i["treatMissingData"],
        Tags=tag_list(i),
    )
    return {"name": name}


def health_check(route53, r):
    i = r["inputs"]
    route53.create_health_check(
        CallerReference=r["name"],
        HealthCheckConfig={
            "Type": i["type"],
            "InsufficientDataHealthStatus": i["insufficientDataHealthStatus"],
            "AlarmIdentifier": {"Region": i["cloudwatchAlarmRegion"], "Name": i["cloudwatchAlarmName"]},
        },
    )
    return {}


# Service and function by type. A type that is not listed fails.
CREATE = {
    "aws:autoscaling/group:Group": ("autoscaling", scaling_group),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("cloudwatch", alarm),
    "aws:ebs/volume:Volume": ("ec2", volume),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ("ec2", default_security_group),
    "aws:ec2/eip:Eip": ("ec2", eip),
    "aws:ec2/instance:Instance": ("ec2", instance),
    "aws:ec2/internetGateway:InternetGateway": ("ec2", internet_gateway),
    "aws:ec2/launchTemplate:LaunchTemplate": ("ec2", launch_template),
    "aws:ec2/natGateway:NatGateway": ("ec2", nat_gateway),
    "aws:ec2/networkInterface:NetworkInterface": ("ec2", network_interface),
    "aws:ec2/route:Route": ("ec2", route),
    "aws:ec2/routeTable:RouteTable": ("ec2", route_table),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("ec2", route_table_association),
    "aws:ec2/securityGroup:SecurityGroup": ("ec2", security_group),
    "aws:ec2/subnet:Subnet": ("ec2", subnet),
    "aws:ec2/volumeAttachment:VolumeAttachment": ("ec2", volume_attachment),
    "aws:ec2/vpc:Vpc": ("ec2", vpc),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("ec2", vpc_endpoint),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": ("ec2", peering),
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": ("ec2", peering_accepter),
    "aws:iam/instanceProfile:InstanceProfile": ("iam", instance_profile),
    "aws:iam/role:Role": ("iam", role),
    "aws:iam/rolePolicy:RolePolicy": ("iam", role_policy),
    "aws:kms/key:Key": ("kms", key),
    "aws:lb/listener:Listener": ("elbv2", listener),
    "aws:lb/loadBalancer:LoadBalancer": ("elbv2", load_balancer),
    "aws:lb/targetGroup:TargetGroup": ("elbv2", target_group),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": ("elbv2", target_group_attachment),
    "aws:route53/healthCheck:HealthCheck": ("route53", health_check),
    "aws:route53/record:Record": ("route53", record),
    "aws:s3/bucket:Bucket": ("s3", bucket),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ("s3", lifecycle),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ("s3", ownership_controls),
    "aws:s3/bucketPolicy:BucketPolicy": ("s3", bucket_policy),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ("s3", public_access_block),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ("s3", encryption),
    "aws:s3/bucketVersioning:BucketVersioning": ("s3", versioning),
    "aws:ssm/parameter:Parameter": ("ssm", parameter),
}


def create_all(resources, endpoint):
    cloud = Cloud(endpoint)
    problems = []
    for recorded in resources:
        name = f"{recorded['type']} {recorded['name']}"
        if recorded["type"] == "test:zone":
            # A hosted zone that exists before the program runs.
            zone = cloud.client("route53", "us-east-1").create_hosted_zone(Name=recorded["name"], CallerReference="zone")
            cloud.learn(recorded["id"], zone["HostedZone"]["Id"].split("/")[-1])
            continue
        if recorded["type"] not in CREATE:
            problems.append(f"{name}: no API call is known for this type")
            continue
        service, create = CREATE[recorded["type"]]
        try:
            resolved = {**recorded, "inputs": cloud.resolve(recorded["inputs"])}
            answer = create(cloud.client(service, recorded["region"]), resolved)
        except (ClientError, ParamValidationError, AssertionError, KeyError, ValueError) as error:
            problems.append(f"{name}: {type(error).__name__}: {error}")
            continue
        cloud.learn(recorded["id"], answer.get("id"))
        for attribute, value in recorded["attributes"].items():
            if attribute in answer:
                cloud.learn(value, answer[attribute])
    return problems


def main():
    resources = json.load(sys.stdin)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        problems = create_all(resources, f"http://{host}:{port}")
    finally:
        server.stop()
    print(json.dumps({"created": len(resources) - len(problems), "problems": problems}))


main()
