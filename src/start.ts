import { hardenProcess, systemRuntime } from './lib/runtime.ts';

/** Runs the program in the real world; the exit code. The only place where a Runtime is made for it. */
export async function start(): Promise<number> {
  hardenProcess();
  // Not before: while the program loads, a signal must already find its handler.
  const { main } = await import('./main.ts');
  const runtime = systemRuntime();
  const code = await main(runtime);
  runtime.processes.leave(code);
  return code;
}
