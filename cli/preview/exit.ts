/** Exit codes: nothing of concern, an error, or something that people should look at. */
export const EXIT = { fine: 0, error: 1, concern: 2 } as const;
