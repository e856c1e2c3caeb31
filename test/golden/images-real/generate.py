"""What PIL and torchvision make of the challenge's images, as digests: expected.json. Run with HYPERCOLUMN_DATA and Debian's python3."""
import hashlib, json, os
import PIL, torchvision
import torchvision.transforms as T
from PIL import Image, ImageOps

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(os.environ["HYPERCOLUMN_DATA"], "data", "algonauts2019")
finish = [T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
crop = T.Compose([T.Resize(256), T.CenterCrop(224), *finish])
squash = T.Compose([T.Resize((224, 224)), *finish])
sets = {}
for name in ("92", "118", "78"):
    folder = os.path.join(root, name, "images")
    pixels, cropped, squashed = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    files = sorted(os.listdir(folder))
    for file in files:
        image = ImageOps.exif_transpose(Image.open(os.path.join(folder, file))).convert("RGB")
        pixels.update(image.tobytes())
        cropped.update(crop(image).numpy().astype("<f4").tobytes())
        squashed.update(squash(image).numpy().astype("<f4").tobytes())
    sets[name] = {"n": len(files), "first": files[0], "last": files[-1], "pixels": pixels.hexdigest(), "crop": cropped.hexdigest(),
                  "squash": squashed.hexdigest()}
with open(os.path.join(here, "expected.json"), "w") as out:
    json.dump({"computedBy": f"Pillow {PIL.__version__}, torchvision {torchvision.__version__}", "sets": sets}, out, indent=1)
    out.write("\n")
