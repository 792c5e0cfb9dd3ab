/** A file of a package; what is not given is root's, 0644. */
export interface ContentFile {
  path: string;
  content: Buffer;
  mode?: number;
  mtime?: number;
}

/** A symbolic link of a package. */
export interface ContentLink {
  path: string;
  target: string;
  mtime?: number;
}

/** What one package of a repository is made of. */
export interface PackageContent {
  name: string;
  version: string;
  comment: string;
  origin: string;
  www?: string;
  maintainer?: string;
  desc?: string;
  files?: ContentFile[];
  links?: ContentLink[];
  /** Directories that belong to the package itself, as those that start empty do. */
  directories?: { path: string; mode: number; uname?: string; gname?: string }[];
  /** Dependencies by name, with their version. */
  deps?: ReadonlyMap<string, { origin: string; version: string }>;
  config?: string[];
  scripts?: Record<string, string>;
  luaScripts?: Record<string, string[]>;
  messages?: { message: string; type?: string }[];
  users?: string[];
  groups?: string[];
  shlibsRequired?: string[];
  shlibsProvided?: string[];
  vital?: boolean;
}

/** The time that stands for one when content has none of its own: fixed, so that a build can be repeated. */
export const FIXED_TIME = 1_795_506_903;
