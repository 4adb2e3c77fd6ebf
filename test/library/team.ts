import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  /** Standard output and standard error, one after the other. */
  readonly said: string;
  readonly stdout: string;
}

/** Jest's own settings, and npm's, would reach into the processes of another repository. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|JEST_|NODE_ENV$|NODE_OPTIONS$|SKERRY_HOME$)/.test(name)),
  ),
  NO_COLOR: "1",
});

/** A repository that has Skerry installed. */
export class Team {
  constructor(readonly folder: string) {}

  /** Runs a command in it, found first among its own packages' commands. */
  async run(command: string, ...args: string[]): Promise<Outcome> {
    const env = environment();
    const PATH = `${this.folder}/node_modules/.bin:${env.PATH}`;
    try {
      const { stdout, stderr } = await promisify(execFile)(command, args, {
        cwd: this.folder,
        env: { ...env, PATH },
        maxBuffer: 1 << 26,
      });
      return { code: 0, said: `${stdout}${stderr}`, stdout };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, said: `${stdout}${stderr}`, stdout };
    }
  }

  /** npm install, out of npm's own cache as far as that goes. */
  install(): Promise<Outcome> {
    return this.run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error");
  }

  /** Runs a program in it and reads what it prints as JSON. */
  async evaluate<T>(program: string): Promise<T> {
    const { code, said, stdout } = await this.run(process.execPath, "-e", program);
    if (code !== 0) throw new Error(said);
    return JSON.parse(stdout) as T;
  }
}
