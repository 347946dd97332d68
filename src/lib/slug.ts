/** Letters, digits and dashes of a text, as a name that people type; at most 60 characters, the last ones; `job` where nothing is left. */
export function slug(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(-60);
  return name === '' ? 'job' : name;
}
