import { ownVariable } from './token-in-variable.ts';
import type { Platform } from './types.ts';

/** HCP Terraform and Terraform Enterprise: a variable of each run's phase, where the workspace names an audience. */
export const hcpTerraform: Platform = {
  key: 'hcp-terraform',
  name: 'HCP Terraform',
  isHere: (env) => env['TFC_WORKLOAD_IDENTITY_TOKEN'] !== undefined,
  absence: 'TFC_WORKLOAD_IDENTITY_TOKEN is not set (it is there when TFC_WORKLOAD_IDENTITY_AUDIENCE is)',
  declare: (_variable, audience) => [
    `set the environment variable of the workspace: TFC_WORKLOAD_IDENTITY_AUDIENCE=${audience ?? "the backend's URL"}`,
  ],
  own: ownVariable('TFC_WORKLOAD_IDENTITY_TOKEN'),
};
