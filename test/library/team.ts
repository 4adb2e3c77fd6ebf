import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The result of a command. */
export interface Outcome {
  readonly code: number;
  /** Standard output followed by standard error. */
  readonly output: string;
  readonly stdout: string;
}

/** Removes settings of jest and npm, which would affect the processes of another repository. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|JEST_|NODE_ENV$|NODE_OPTIONS$|SKERRY_HOME$)/.test(name)),
  ),
  NO_COLOR: "1",
});

/** A repository that has Skerry installed. */
export class Team {
  constructor(readonly folder: string) {}

  /** Runs a command in the repository. Commands of its packages take precedence. */
  async run(command: string, ...args: string[]): Promise<Outcome> {
    const env = environment();
    const PATH = `${this.folder}/node_modules/.bin:${env.PATH}`;
    try {
      const { stdout, stderr } = await promisify(execFile)(command, args, {
        cwd: this.folder,
        env: { ...env, PATH },
        maxBuffer: 1 << 26,
      });
      return { code: 0, output: `${stdout}${stderr}`, stdout };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: `${stdout}${stderr}`, stdout };
    }
  }

  /** Runs npm install, preferably from npm's cache. */
  install(): Promise<Outcome> {
    return this.run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error");
  }

  /** Runs a program in the repository and parses its output as JSON. */
  async evaluate<T>(program: string): Promise<T> {
    const { code, output, stdout } = await this.run(process.execPath, "-e", program);
    if (code !== 0) throw new Error(output);
    return JSON.parse(stdout) as T;
  }
}
