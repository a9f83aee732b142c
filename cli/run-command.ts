/**
 * Runs a command to its end and sets the exit status of the process: the one that `main` answers, or `failed` with the
 * error's message on the error output where it throws. Does not end the process: what was printed may still be on its way.
 */
export function runCommand(main: () => Promise<number>, failed: number): void {
  main().then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = failed;
    },
  );
}
