export const Card = ({ title }) => (
  <Panel title={title} {...rest}>
    <Button.Icon onClick={() => close(title, 1)} />
    <span>text</span>
  </Panel>
);
