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

/** User data as the machine reads it: a field may hold it in base64. */
function readable(text: string): string[] {
  return /^[A-Za-z0-9+/\s]+(={1,2}\s*)?$/.test(text) ? [text, Buffer.from(text, "base64").toString("utf8")] : [text];
}

export const awsUserDataClean: ResourceRule = {
  subject: "resource",
  id: "aws-user-data-clean",
  title: "No secret stands in the user data of an AWS machine",
  why: "Whoever may describe instances reads user data, and so does every program on the machine, by the metadata service.",
  severity: "error",
  remedy: "Put the token into Secrets Manager or the Parameter Store, and let the machine fetch it by its own role.",
  types: [
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
  ],
  check: (resource) =>
    FIELDS.flatMap((field) => {
      const text = valueAt(resource, field);
      if (typeof text !== "string") return [];
      const texts = readable(text);
      const found = forms.find(({ isIn }) => texts.some(isIn));
      return found ? [violation([field], `holds what looks like ${found.what}`)] : [];
    }),
};
