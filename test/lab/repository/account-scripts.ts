/** A system account that a package brings. */
export interface Account {
  name: string;
  id: number;
  home: string;
  shell: string;
}

/** The script by which FreeBSD's packages make an account, before their files are there. */
export function accountScript({ name, id, home, shell }: Account): string {
  return `if ! pw groupshow ${name} >/dev/null 2>&1; then
  echo "Creating group '${name}' with gid '${id}'."
  pw groupadd -n ${name} -g ${id}
else
  echo "Using existing group '${name}'."
fi
if ! pw usershow ${name} >/dev/null 2>&1; then
  echo "Creating user '${name}' with uid '${id}'."
  pw useradd -n ${name} -u ${id} -g ${id} -d ${home} -s ${shell}
else
  echo "Using existing user '${name}'."
fi
`;
}
