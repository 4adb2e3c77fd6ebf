import { certificatesCurrent } from "../../../policies/rules/certificates-current";
import { cases } from "./cases";

/** A certificate that expired on 2021-01-01. */
const { object } = cases["certificates-current"]!.invalid[0]!;
const messagesOn = (today: string): string[] =>
  certificatesCurrent.check(object, { today }).map(({ message }) => message);

test.each([
  ["2020-12-01", []],
  ["2020-12-02", []],
  ["2020-12-10", ['certificate "leaf" expires on 2021-01-01, in 22 days: must be valid for at least 30 days']],
  ["2021-01-02", ['certificate "leaf" expired on 2021-01-01: must be valid for at least 30 days']],
])("a certificate that expires on 2021-01-01, on %s", (today, messages) => {
  expect(messagesOn(today)).toEqual(messages);
});
