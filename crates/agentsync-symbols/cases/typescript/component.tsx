import React, { useState } from "react";

export function Card({ title, onClose }: Props): JSX.Element {
  const [open, setOpen] = useState<boolean>(false);
  return (
    <Panel title={title} size="large" {...rest}>
      <ui.Button onClick={() => setOpen(!open)}>Some text here</ui.Button>
      <div className="plain">{format(title, 1)}</div>
    </Panel>
  );
}
