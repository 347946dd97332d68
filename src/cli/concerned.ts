import type { BackendSettings, Settings } from '../config/types.ts';
import { visible } from '../lib/text.ts';

/** The backends that `login` and `logout` are about. */
export function concerned({ backends, chosenBackend }: Settings): readonly BackendSettings[] {
  return chosenBackend === undefined ? backends : backends.filter((backend) => backend.name === chosenBackend);
}

/** What `--dry-run` says of them, one line each. */
export function planned(settings: Settings, what: string): string {
  return concerned(settings)
    .map(({ name, url }) => `would ${what} ${visible(url.href)} (${visible(name)})\n`)
    .join('');
}
