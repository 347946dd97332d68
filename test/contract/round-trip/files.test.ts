import { globSync } from 'node:fs';
import path from 'node:path';
import { dockerEnv } from '../../../src/formats/docker-env.ts';
import { properties } from '../../../src/formats/properties.ts';
import { systemdEnv } from '../../../src/formats/systemd-env.ts';
import { tfvars } from '../../../src/formats/tfvars.ts';
import { environmentIn, installed, onPath, output, type Reader } from '../../support/round-trip.ts';
import { describeRoundTrip } from '../../support/round-trip-suite.ts';

const READERS = path.join(import.meta.dirname, '../../support/readers');

const go = installed('go-readers');
const docker = onPath('docker');
const java = onPath('java');
const python = onPath('python3');
const [systemd] = globSync('/usr/lib/*/systemd/libsystemd-shared-*.so');

const DOCKER: Reader = {
  name: 'docker, the client against a fake engine',
  isHere: docker !== undefined,
  read: (file) => environmentIn(output(process.execPath, [path.join(READERS, 'docker.mjs'), docker ?? '', file])),
};

function goReader(name: string, reader: string): Reader {
  return { name, isHere: go !== undefined, read: (file) => environmentIn(output(go ?? '', [reader, file])) };
}

const SYSTEMD: Reader = {
  name: "systemd's load_env_file",
  isHere: systemd !== undefined && python !== undefined,
  read: (file) => environmentIn(output(python ?? '', [path.join(READERS, 'systemd.py'), systemd ?? '', file])),
};

function javaReader(how: 'stream' | 'reader'): Reader {
  return {
    name: `java.util.Properties, ${how}`,
    isHere: java !== undefined,
    read: (file) => environmentIn(output(java ?? '', [path.join(READERS, 'PropertiesReader.java'), how, file])),
  };
}

describeRoundTrip('docker-env', dockerEnv, {
  readers: [DOCKER, goReader('docker, its library', 'docker')],
  refused: 0,
  drawn: 6,
});
describeRoundTrip('systemd-env', systemdEnv, { readers: [SYSTEMD], refused: 0 });
describeRoundTrip('properties', properties, { readers: [javaReader('stream'), javaReader('reader')], refused: 0 });
describeRoundTrip('tfvars', tfvars, { readers: [goReader("Terraform's HCL library", 'hcl')], refused: 0 });
