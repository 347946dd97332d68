/**
 * CPU milliseconds that this process spends on work that keeps its own thread busy. Unlike the time that passes they
 * are the same on a busy machine.
 */
export async function effort(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
