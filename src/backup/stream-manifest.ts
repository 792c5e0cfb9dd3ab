import { parseJson } from '../parse-json.ts';
import type { Link } from './chain.ts';

const version = 1;

/** The manifest of a stream in a directory. */
export function printManifest(link: Link): string {
  return JSON.stringify({ v: version, ...link });
}

/** Reads a manifest; undefined where it is none, or of a newer jtx. */
export function parseManifest(text: string): Link | undefined {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const word = (name: string): string => String(fields.get(name) ?? '');
  const base = fields.get('base');
  if (fields.get('v') !== version || word('backup') === '') return undefined;
  return {
    backup: word('backup'),
    snapshot: word('snapshot'),
    guid: word('guid'),
    base: typeof base === 'object' && base !== null ? parseBase(base) : null,
    bytes: Number(fields.get('bytes')),
    sha256: word('sha256'),
  };
}

function parseBase(base: object): { backup: string; guid: string } {
  const fields = new Map<string, unknown>(Object.entries(base));
  return { backup: String(fields.get('backup')), guid: String(fields.get('guid')) };
}
