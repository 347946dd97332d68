import { backendType } from '../backends/index.ts';
import type { BackendSettings } from '../config/types.ts';

/**
 * Names of the variables that open the vault: those that hold the ID token or a backend's own credentials. A child gets
 * the secrets and none of these.
 */
export function keysToTheVault(backends: readonly BackendSettings[]): ReadonlySet<string> {
  return new Set(
    backends.flatMap(({ type, token }) => {
      const product = backendType(type);
      const credentials = Object.values(product?.settings ?? {}).filter((row) => row.parser.isSecret === true);
      return [
        ...(token.env === undefined ? [] : [token.env]),
        ...(product?.variables['token-text'] ?? []),
        ...(product?.variables['token-file'] ?? []),
        ...credentials.flatMap((row) => row.variables ?? []),
      ];
    }),
  );
}
