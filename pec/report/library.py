"""The chart library, Vega-Lite, as one script. vl-convert-python carries it; to bundle it takes a second: each environment keeps the bundle."""

import contextlib
import importlib.metadata
import os
import pathlib
import sys
import tempfile

PACKAGE = "vl-convert-python"


def javascript():
    """The script: it defines window.vegaEmbed."""
    kept = pathlib.Path(sys.prefix, "share", "pec", f"vega-{importlib.metadata.version(PACKAGE)}.js")
    with contextlib.suppress(OSError):
        return kept.read_text(encoding="utf-8")
    import vl_convert  # 84 MB, and needed once

    # A script in a page ends at this tag, wherever it stands.
    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")
    with contextlib.suppress(OSError):  # an environment that cannot be written bundles anew
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=kept.parent, delete=False, newline="\n") as part:
            part.write(script)
        os.chmod(part.name, 0o644)
        os.replace(part.name, kept)
    return script




LICENCE = """Vega, Vega-Lite and Vega-Embed. Copyright (c) 2015-2023, University of Washington Interactive Data Lab. All rights reserved.
Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met:
1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following disclaimer in the
documentation and/or other materials provided with the distribution.
3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote products derived from this
software without specific prior written permission.
This software is provided by the copyright holders and contributors "as is" and any express or implied warranties, including, but not limited to,
the implied warranties of merchantability and fitness for a particular purpose are disclaimed. In no event shall the copyright holder or
contributors be liable for any direct, indirect, incidental, special, exemplary, or consequential damages (including, but not limited to,
procurement of substitute goods or services; loss of use, data, or profits; or business interruption) however caused and on any theory of
liability, whether in contract, strict liability, or tort (including negligence or otherwise) arising in any way out of the use of this software,
even if advised of the possibility of such damage."""
