import { valueAt, violation } from "../cloud-values";
import type { ResourceRule } from "../engine/rule";
import { SECRET_FORMS } from "../kubernetes/secret-forms";

const FIELDS = ["userData", "userDataBase64"] as const;
const forms = SECRET_FORMS.map(({ what, hints, expression }) => {
  const regex = expression === undefined ? undefined : new RegExp(expression);
  return {
    what,
    isIn: (text: string): boolean => hints.some((hint) => text.includes(hint)) && (regex?.test(text) ?? true),
  };
});

/** Returns the text and, if it is base64, the decoded text: either field may be encoded. */
function decode(text: string): string[] {
  return /^[A-Za-z0-9+/\s]+(={1,2}\s*)?$/.test(text) ? [text, Buffer.from(text, "base64").toString("utf8")] : [text];
}

export const awsNoSecretsInUserData: ResourceRule = {
  subject: "resource",
  id: "aws-no-secrets-in-user-data",
  title: "User data of AWS machines contains no secrets",
  why: "Every principal that may describe instances can read user data, and so can every program on the machine, through the metadata service.",
  severity: "error",
  remedy:
    "Store the secret in Secrets Manager or the Parameter Store, and let the machine fetch it with its instance role.",
  types: [
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
  ],
  check: (resource) =>
    FIELDS.flatMap((field) => {
      const text = valueAt(resource, field);
      if (typeof text !== "string") return [];
      const texts = decode(text);
      const form = forms.find(({ isIn }) => texts.some(isIn));
      return form ? [violation([field], `contains what looks like ${form.what}`)] : [];
    }),
};
