let closed = false;

/**
 * A reader that has seen enough, such as `head`, closes its end of the pipe: what is printed after that is dropped without a
 * word, and the work goes on to its own exit code.
 */
export function tolerateClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      closed = true;
    });
  }
}

/** Whether the reader of the output is gone: a command that prints without end must stop. */
export const isOutputClosed = (): boolean => closed;
