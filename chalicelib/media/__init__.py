"""Pictures: taken in apart, made anew without what the camera wrote into them, judged, and only then public."""
