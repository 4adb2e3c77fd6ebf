import {
  AGENT_TOKEN,
  BIRTHS,
  RESTORE,
  RESTORE_CLAIMS,
  SERVER_TOKEN,
  tlsParameter,
} from "../../../fleet/k3s/parameters";

/** An IAM policy document. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | { readonly Service: string };
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const policy = (...statements: readonly Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});

/** Lets EC2 instances assume a role. */
export const instancesAssume = policy({
  Sid: "Instances",
  Effect: "Allow",
  Principal: { Service: "ec2.amazonaws.com" },
  Action: "sts:AssumeRole",
});

/** Where the parameters of a cluster are, and the key that encrypts them. */
export interface ParameterAccess {
  readonly accountId: string;
  /** AWS region of the Parameter Store. */
  readonly region: string;
  /** Start of the name of every parameter, such as `/skerry/production/frankfurt`. */
  readonly prefix: string;
  readonly keyArn: string;
}

const parameterArn = ({ accountId, region, prefix }: ParameterAccess, name: string): string =>
  `arn:aws:ssm:${region}:${accountId}:parameter${prefix}/${name}`;

/**
 * The least that Session Manager needs. The actions do not support resources.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
 */
const sessionManager: Statement = {
  Sid: "SessionManager",
  Effect: "Allow",
  Action: [
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
  ],
  Resource: "*",
};

/** Allows reading parameters, and decrypting them and nothing else with their key. */
function readParameters(access: ParameterAccess, names: readonly string[]): readonly Statement[] {
  const arns = names.map((name) => parameterArn(access, name));
  return [
    { Sid: "ReadParameters", Effect: "Allow", Action: ["ssm:GetParameter", "ssm:GetParameters"], Resource: arns },
    {
      Sid: "DecryptParameters",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: access.keyArn,
      Condition: { StringLike: { "kms:EncryptionContext:PARAMETER_ARN": arns } },
    },
  ];
}

/** What the agents of a pool may do: read their join token. */
export const agentPolicy = (access: ParameterAccess, token: string): PolicyDocument =>
  policy(...readParameters(access, [token]), sessionManager);

/** A folder of a bucket. */
export interface BucketFolder {
  readonly bucketArn: string;
  /** Name of the folder, without slashes at its ends. */
  readonly folder: string;
}

/** Allows storing, listing and reading snapshots in their folder. */
function storeSnapshots({ keyArn }: ParameterAccess, { bucketArn, folder }: BucketFolder): readonly Statement[] {
  return [
    {
      Sid: "ListSnapshots",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: bucketArn,
      Condition: { StringLike: { "s3:prefix": [folder, `${folder}/*`] } },
    },
    { Sid: "FindBucket", Effect: "Allow", Action: "s3:GetBucketLocation", Resource: bucketArn },
    {
      Sid: "StoreSnapshots",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      Resource: `${bucketArn}/${folder}/*`,
    },
    {
      Sid: "EncryptSnapshots",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: keyArn,
      Condition: { StringLike: { "kms:EncryptionContext:aws:s3:arn": [bucketArn, `${bucketArn}/${folder}/*`] } },
    },
  ];
}

/**
 * What servers may do: read the parameters of their cluster, record its creation, claim restores, and store snapshots if there are any.
 *
 * @param programs what the programs that run on servers may do
 */
export function serverPolicy(
  access: ParameterAccess,
  snapshots: BucketFolder | undefined,
  programs: readonly Statement[],
): PolicyDocument {
  const claims = [`${BIRTHS}/*`, `${RESTORE_CLAIMS}/*`];
  return policy(
    ...readParameters(access, [SERVER_TOKEN, AGENT_TOKEN, tlsParameter("*"), RESTORE, ...claims]),
    {
      Sid: "ClaimBirthAndRestores",
      Effect: "Allow",
      Action: "ssm:PutParameter",
      Resource: claims.map((name) => parameterArn(access, name)),
      // The machine that comes second must not take over.
      Condition: { StringEquals: { "ssm:Overwrite": "false" } },
    },
    ...(snapshots ? storeSnapshots(access, snapshots) : []),
    sessionManager,
    ...programs,
  );
}

/** Refuses requests to a bucket without TLS. */
export const tlsOnly = (bucketArn: string): PolicyDocument =>
  policy({
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
