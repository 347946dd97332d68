/** The recipes that come with the program: YAML texts by name, each loaded when it is first used. */
export const READY: Readonly<Record<string, () => Promise<string>>> = {
  akeyless: async () => (await import('./akeyless.ts')).akeyless,
  cloudsmith: async () => (await import('./cloudsmith.ts')).cloudsmith,
  doppler: async () => (await import('./doppler.ts')).doppler,
  fortipam: async () => (await import('./fortipam.ts')).fortipam,
  infisical: async () => (await import('./infisical.ts')).infisical,
  jfrog: async () => (await import('./jfrog.ts')).jfrog,
  octopus: async () => (await import('./octopus.ts')).octopus,
  'pulumi-esc': async () => (await import('./pulumi-esc.ts')).pulumiEsc,
};
