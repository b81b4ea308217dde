import { type ReactNode, useEffect, useState } from "react";
import { Icon } from "./icon";

const TOLD_MS = 1_600;

/** Puts a text on the clipboard, also where the page came by plain HTTP from another machine. */
export const copyText = async (text: string): Promise<void> => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "sr" });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

/** @param what `run id`: the button is named "Copy run id". */
export const CopyButton = ({ text, what }: { text: string; what: string }): ReactNode => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), TOLD_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      className="copy"
      title={`Copy ${what}`}
      aria-label={copied ? `Copied ${what}` : `Copy ${what}`}
      onClick={(event) => {
        event.stopPropagation();
        void copyText(text).then(() => setCopied(true));
      }}
    >
      <Icon name={copied ? "check" : "copy"} size={13} />
    </button>
  );
};
