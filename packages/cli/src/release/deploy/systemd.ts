/** A systemd unit for a release in `/opt/NAME`. */
import type { File } from "../../project/files.ts"

export function systemdFiles(name: string): readonly File[] {
  return [
    {
      path: `deploy/${name}.service`,
      content: `# The release ${name}, unpacked in /opt/${name}.
#   cp ${name}.service /etc/systemd/system/ && systemctl daemon-reload && systemctl enable --now ${name}
# The cookie and other secrets: /etc/${name}.env, mode 0600, as in UMBEL_COOKIE=…
[Unit]
Description=${name} (Umbel)
Documentation=file:/opt/${name}/releases/release.json
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
DynamicUser=yes
EnvironmentFile=/etc/${name}.env
Environment=NODE_ENV=production
Environment=UMBEL_RUN=/run/${name}
RuntimeDirectory=${name}
RuntimeDirectoryMode=0700
WorkingDirectory=/opt/${name}
ExecStart=/opt/${name}/bin/${name} start
# Up is what is ready: units that come after this one find it at work.
ExecStartPost=/opt/${name}/bin/${name} ready --wait 60
KillMode=mixed
KillSignal=SIGTERM
# More than UMBEL_DRAIN_MS and UMBEL_STOP_MS together.
TimeoutStopSec=45
Restart=on-failure
RestartSec=2
LimitNOFILE=65536
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=multi-user.target
`,
    },
  ]
}
