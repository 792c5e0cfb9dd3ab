import type { Lab } from '../lab/open-lab.ts';

const start = `
set -e
mkdir -p "$LAB/ssh" /run/sshd
# What root's ssh and the server read is the lab's own: nothing of the machine's, and nothing that is left.
/bin/mountpoint -q /etc/ssh || /bin/mount --bind "$LAB/ssh" /etc/ssh
[ /etc/ssh -ef "$LAB/ssh" ]
# A shell that ssh starts reads this.
[ ! -e /root/.bashrc ] || /bin/mount --bind /dev/null /root/.bashrc
cd /etc/ssh
rm -f -- *
ssh-keygen -q -t ed25519 -N '' -f host
ssh-keygen -q -t ed25519 -N '' -f user
cp user.pub authorized
port=20022
while (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do port=$((port + 1)); done
echo "[127.0.0.1]:$port $(cat host.pub)" > known
printf 'Authorized use only.\\nWhat does not exist is not for you.\\n' > banner
cat > ssh_config <<CLIENT
Host 127.0.0.1
  IdentityFile /etc/ssh/user
  UserKnownHostsFile /etc/ssh/known
  IdentitiesOnly yes
CLIENT
cat > sshd_config <<SERVER
ListenAddress 127.0.0.1
Port $port
HostKey /etc/ssh/host
AuthorizedKeysFile /etc/ssh/authorized
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
Banner /etc/ssh/banner
PidFile /etc/ssh/pid
SetEnv PATH=$PATH
SERVER
/usr/sbin/sshd -f /etc/ssh/sshd_config -E /etc/ssh/log
for i in $(seq 100); do (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null && { echo $port; exit; }; sleep 0.1; done
cat log >&2
exit 1
`;

/**
 * Starts an sshd of the lab's own; gives the beginning of an address there, `ssh://root@127.0.0.1:PORT/`. Programs in
 * `before` are found there first.
 */
export async function startSshServer(lab: Lab, before?: string): Promise<string> {
  const script = before === undefined ? start : `PATH=$1:$PATH\n${start}`;
  return `ssh://root@127.0.0.1:${(await lab.must(script, before ?? '')).trim()}/`;
}

/** Ends it, with every connection. */
export async function stopSshServer(lab: Lab): Promise<void> {
  await lab.must('pkill -x sshd; while pgrep -x sshd >/dev/null; do sleep 0.1; done');
}
