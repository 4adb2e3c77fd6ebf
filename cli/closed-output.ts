let closed = false;

/**
 * Ignores writes after the reader of a pipe, such as `head`, has closed it. The command continues and sets its own exit
 * code.
 */
export function tolerateClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      closed = true;
    });
  }
}

/** Whether the reader has closed the output. Commands that print continuously must then stop. */
export const isOutputClosed = (): boolean => closed;
